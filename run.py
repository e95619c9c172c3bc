# -*- coding: utf-8 -*-
"""In: Python 3.11+ and this folder. Out: `.venv` beside this file and the product, run from it.

Standard library only. An old Python (down to 2.7) has to parse the whole file before it can be
turned away with a sentence: hence no annotations, f-strings or starred lists here.
"""

from __future__ import print_function, unicode_literals

import sys

HELP = """\
用法 / Usage:  python run.py [命令 / command] [参数 / arguments]

  python run.py                     启动看板并打开浏览器 / start the dashboard and open the browser
  python run.py --port 8600 --project DIR
                                    换端口、用自己的数据 / another port, your own data folder
  python run.py check|layers|snapshot|export|targets|progress ...
                                    同 bsh-geo 的命令，详见 <命令> --help / the commands of bsh-geo
  python run.py test [-k join]      安装测试环境并运行 pytest / set up the tests and run pytest

首次启动在本目录建立 .venv 并安装依赖；无网络时把 wheel 文件放入 wheels/ 目录，
或用环境变量 BSH_WHEELS 指定。
The first start makes .venv here and installs into it; without a network, put the wheels into
wheels/ or name their folder in BSH_WHEELS.
"""


class StartError(Exception):
    """What keeps the product from starting; its message is shown to the user as it is."""


def old_python_message(version):
    """The sentence for a Python that is too old, or None for one that will do."""
    if tuple(version[:2]) >= (3, 11):
        return None
    return (
        "需要 Python 3.11 或更新版本，当前是 {0}.{1}，请从 python.org 安装后用它重新运行。 / "
        "Python 3.11 or newer is needed, this is {0}.{1}: "
        "install one from python.org and run this with it."
    ).format(version[0], version[1])


def turn_away_old_python():
    message = old_python_message(sys.version_info)
    if message:
        # Bytes: Python 2 would encode the text with a terminal's encoding, often ASCII.
        getattr(sys.stderr, "buffer", sys.stderr).write((message + "\n").encode("utf-8"))
        sys.exit(1)


turn_away_old_python()

# Below the check, since an old Python lacks some of these.
import contextlib  # noqa: E402
import hashlib  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import shutil  # noqa: E402
import subprocess  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent
WINDOWS = os.name == "nt"
UNFINISHED = "unfinished"
BROWSER_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
MAC_BROWSERS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
WINDOWS_BROWSERS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)


def say(text):
    print(text, file=sys.stderr, flush=True)


def plan(arguments):
    """What the arguments ask for: ("help" | "test" | "run", the arguments to pass on).

    Without a command, the dashboard is started.
    """
    if arguments[:1] in (["-h"], ["--help"]):
        return "help", []
    if arguments[:1] == ["test"]:
        return "test", arguments[1:]
    if not arguments or arguments[0].startswith("-"):
        return "run", ["serve"] + arguments
    return "run", arguments


# The environment


def stamp(root, version, base, extras):
    """What an installation was made from, in one line: a digest, then the extras.

    The folder is part of it because an editable install points to it, the base Python because the
    environment borrows its interpreter.
    """
    digest = hashlib.sha256()
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((root / name).read_bytes())
    digest.update(repr((str(root), version, str(base))).encode())
    return " ".join([digest.hexdigest()] + sorted(extras))


def is_current(found, wanted):
    """Whether the stamp found has the digest of the wanted one, and its extras or more."""
    found, wanted = found.split(), wanted.split()
    return found[:1] == wanted[:1] and set(wanted) <= set(found)


def stamp_file(root):
    return root / ".venv" / "bsh-geo.stamp"


def read_stamp(root):
    """The stamp of the environment; empty where there is none."""
    try:
        return stamp_file(root).read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def write_stamp(root, text):
    stamp_file(root).write_text(text, encoding="utf-8")


def venv_python(root):
    return root / ".venv" / ("Scripts/python.exe" if WINDOWS else "bin/python")


def is_usable(root):
    """Whether `.venv` was finished, starts, has pip and is of the Python that runs this."""
    python = venv_python(root)
    if read_stamp(root) == UNFINISHED or not python.exists():
        return False
    probe = "import sys, pip; sys.exit(sys.version_info[:2] != {!r})".format(sys.version_info[:2])
    try:
        return captured([str(python), "-c", probe]).returncode == 0
    except OSError:
        return False


def make_venv(root):
    """Make `.venv` anew, marked as unfinished until `install` is through."""
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            raise StartError(
                "此 Python 缺少 {0} 模块，请先安装"
                "（Debian、Ubuntu：sudo apt install python3.{1}-venv）。 / "
                "This Python lacks its module {0}: install it first "
                "(Debian, Ubuntu: sudo apt install python3.{1}-venv).".format(
                    module, sys.version_info[1]
                )
            )
    folder = root / ".venv"
    if folder.exists():
        shutil.rmtree(str(folder))
    folder.mkdir()
    write_stamp(root, UNFINISHED)
    made = captured([sys.executable, "-m", "venv", str(folder)])
    if made.returncode:
        raise StartError(
            "无法建立虚拟环境 {0}：{1} / The virtual environment {0} cannot be made: {1}".format(
                folder, last_line(made.stdout)
            )
        )


def wheel_folder(root, environ):
    """The folder of wheels to install from instead of the network, or None.

    BSH_WHEELS goes before `wheels/` beside this file; one that is no folder is an error.
    """
    named = environ.get("BSH_WHEELS")
    if named and not Path(named).is_dir():
        raise StartError(
            "BSH_WHEELS 所指的目录不存在：{0} / BSH_WHEELS names no folder: {0}".format(named)
        )
    folder = Path(named).resolve() if named else root / "wheels"
    return folder if folder.is_dir() else None


def pip_arguments(root, extras, wheels):
    """The arguments of pip: this folder, editable, at the pinned versions."""
    package = str(root) + ("[{}]".format(",".join(sorted(extras))) if extras else "")
    source = ["--no-index", "--find-links", str(wheels)] if wheels else []
    return (
        ["install", "--quiet", "--no-input", "--disable-pip-version-check"]
        + source
        + ["-c", str(root / "constraints.txt"), "-e", package]
    )


def captured(command):
    """Run to the end; standard output and error together, as text."""
    return subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        env=dict(os.environ, PYTHONUTF8="1"),
    )


def last_line(text):
    """The last line that states an error, else the last of all."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return ([""] + lines + [line for line in lines if "ERROR" in line])[-1]


def install(root, extras):
    """Run pip; its whole output is kept in `.venv/bsh-geo-pip.log`."""
    wheels = wheel_folder(root, os.environ)
    done = captured([str(venv_python(root)), "-m", "pip"] + pip_arguments(root, extras, wheels))
    log = root / ".venv" / "bsh-geo-pip.log"
    log.write_text(done.stdout, encoding="utf-8")
    if done.returncode:
        where = (wheels, wheels) if wheels else ("网络", "the network")
        raise StartError(
            "依赖安装失败，请检查{0}后重新运行。 / "
            "Installing failed: check {1} and run this again. ({2}; {3})".format(
                where[0], where[1], last_line(done.stdout), log
            )
        )


def ensure_environment(root, extras):
    """Make or mend `.venv` where its stamp is not the one wanted; else do nothing.

    Extras installed earlier are kept, so that `test` and the dashboard do not undo each other.
    """
    version = sys.version_info[:2]
    found, wanted = read_stamp(root), stamp(root, version, sys.base_prefix, extras)
    if is_current(found, wanted) and venv_python(root).exists():
        return
    occasion = (
        "首次启动：{} / First start: {}" if found in ("", UNFINISHED) else "更新：{} / Update: {}"
    )
    say(occasion.format("正在安装依赖，约需 1–3 分钟…", "installing, about 1–3 minutes…"))
    extras = set(extras) | set(found.split()[1:])
    if not is_usable(root):
        make_venv(root)
        found = UNFINISHED
    write_stamp(root, UNFINISHED)
    try:
        install(root, extras)
    except StartError:
        # A pip that fails has taken back what it began; one that was killed has not.
        write_stamp(root, found)
        raise
    write_stamp(root, stamp(root, version, sys.base_prefix, extras))


# Chromium, for the browser tests


def browser_candidates(environ, home):
    """Paths where a Chromium, Chrome or Edge may be, the best first.

    BSH_CHROMIUM, then PATH by name, then the usual places of macOS and Windows. None need exist.
    """
    named = [environ["BSH_CHROMIUM"]] if environ.get("BSH_CHROMIUM") else []
    on_path = [shutil.which(name, path=environ.get("PATH", "")) for name in BROWSER_NAMES]
    mac = [
        folder / app
        for app in MAC_BROWSERS
        for folder in (Path("/Applications"), home / "Applications")
    ]
    roots = [environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")]
    windows = [Path(root) / app for app in WINDOWS_BROWSERS for root in roots if root]
    return [Path(path) for path in named + on_path + mac + windows if path]


def starts(browser):
    """Whether the browser answers to --version; on Windows (it opens a window): is there.

    Ubuntu's `chromium-browser` may be a stub that only tells how to install it.
    """
    if WINDOWS or not browser.is_file():
        return browser.is_file()
    try:
        answer = subprocess.run([str(browser), "--version"], capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def find_browser(environ, home):
    """The first candidate that starts, or None."""
    return next((path for path in browser_candidates(environ, home) if starts(path)), None)


def apt_prefix():
    """What before apt-get runs it as root without a password; None where nothing does."""
    if shutil.which("apt-get") is None:
        return None
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and captured(["sudo", "-n", "true"]).returncode == 0:
        return ["sudo", "-n"]
    return None


def install_debian(*names):
    """Install packages of Debian where apt-get may be run; else, or if it fails, do nothing."""
    prefix = apt_prefix()
    if prefix is None:
        return
    say("正在安装 {0}… / Installing {0}…".format(", ".join(names)))
    apt = prefix + [
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=60",
    ]
    # A failed update still leaves the lists of last time to install from.
    captured(apt + ["update"])
    captured(apt + ["install", "-y", "--no-install-recommends"] + list(names))


def has_postgres():
    """Whether a PostgreSQL server can be started for the tests."""
    folders = list(Path("/usr/lib/postgresql").glob("*/bin"))
    return any((folder / "initdb").is_file() for folder in folders) or bool(shutil.which("initdb"))


def has_proxy():
    """Whether the proxy that stands before a public server can be started for the tests."""
    servers = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
    return bool(servers and shutil.which("openssl"))


def has_postgis():
    """Whether the PostgreSQL server of the tests, the newest there is, has PostGIS."""
    servers = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not servers:
        return False
    version = servers[-1].parent.parent.name
    return Path("/usr/share/postgresql", version, "extension", "postgis.control").is_file()


def side_by_side(arguments):
    """pytest on every core (at most four), a file on one of them; unless the user says how."""
    if any(one == "-n" or one.startswith(("-n", "--numprocesses", "-p")) for one in arguments):
        return []
    cores = str(min(os.cpu_count() or 1, 4))
    # The tests come in an order of their own, the slowest files first.
    return ["-n", cores, "--dist", "loadfile", "--no-loadscope-reorder"]


def test_extras():
    """What the tests need beside the product: Spark too, where there is a Java to run it."""
    return {"test", "spark"} if shutil.which("java") else {"test"}


def test_environ(environ, home):
    """The tests' environment variables, BSH_CHROMIUM only where a browser was found."""
    browser = find_browser(environ, home)
    if browser is None:
        install_debian("chromium")
        browser = find_browser(environ, home)
    if browser is None:
        say(
            "没有找到 Chromium、Chrome 或 Edge，浏览器测试不会运行。 / "
            "No Chromium, Chrome or Edge was found: the browser suite will not be run."
        )
        return {name: value for name, value in environ.items() if name != "BSH_CHROMIUM"}
    return dict(environ, BSH_CHROMIUM=str(browser))


# The start


def hand_over(command, environ):
    """Become the command (POSIX), or run it and return its exit code (Windows has no exec)."""
    if not WINDOWS:
        os.execve(command[0], command, environ)
    child = subprocess.Popen(command, env=environ)
    while True:
        # Ctrl-C reaches the child too: let it end by itself.
        with contextlib.suppress(KeyboardInterrupt):
            return child.wait()


def start(arguments):
    """Do what the arguments ask for and return the exit code, where it returns at all."""
    what, rest = plan(arguments)
    if what == "help":
        print(HELP, end="")
        return 0
    ensure_environment(ROOT, test_extras() if what == "test" else set())
    python = str(venv_python(ROOT))
    # Files and pipes are UTF-8 on Windows too, whatever its code page.
    environ = dict(os.environ, PYTHONUTF8="1")
    if what == "test":
        os.chdir(str(ROOT))
        if not has_postgres():
            install_debian("postgresql")
        if has_postgres() and not has_postgis():
            install_debian("postgresql-postgis")
        if not has_proxy():
            install_debian("nginx-light", "openssl")
        environ = test_environ(environ, Path.home())
        return hand_over([python, "-m", "pytest"] + side_by_side(rest) + rest, environ)
    return hand_over([python, "-m", "bsh_geo"] + rest, environ)


def main():
    for stream in (sys.stdout, sys.stderr):
        # A console of another code page shows "?" instead of failing.
        stream.reconfigure(errors="replace")
    try:
        return start(sys.argv[1:])
    except StartError as error:
        say(str(error))
        return 1
    except OSError as error:
        say("启动失败：{0} / Could not start: {0}".format(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
