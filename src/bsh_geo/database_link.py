"""A configured database in, a connection that can only read out; each fault is one sentence."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import psycopg

from bsh_geo.database_sources import Offered
from bsh_geo.errors import DataError

Connection = psycopg.Connection

CONNECT_SECONDS = 5


@contextlib.contextmanager
def connected(source: Offered) -> Iterator[psycopg.Connection]:
    """A connection in one reading transaction, taken back at the end.

    Raises
    ------
    DataError
        The server cannot be reached, refuses, or fails while the block runs; nothing of the
        address but server and database is told.
    """
    wait = max(1, round(source.timeout * 1000))
    options = (
        f"-c default_transaction_read_only=on -c statement_timeout={wait} -c lock_timeout={wait} "
        "-c datestyle=ISO -c client_encoding=UTF8 -c extra_float_digits=1"
    )
    url = source.url
    try:
        connection = psycopg.connect(
            url, connect_timeout=CONNECT_SECONDS, options=options, application_name="bsh-geo"
        )
    except (psycopg.Error, UnicodeError) as error:
        raise _unreachable(source, error) from None
    try:
        with contextlib.closing(connection):
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            yield connection
    except psycopg.Error as error:
        raise failed(source, error) from None
    except UnicodeDecodeError:
        raise DataError(
            f"{named(source)}的文字不是 UTF-8。", f"The text of {source.table} is not UTF-8."
        ) from None


REFUSALS: tuple[tuple[str, str, str], ...] = (
    ("authentication", "登录被拒绝，请核对用户名和密码", "the login was refused"),
    ("no password supplied", "没有提供密码", "no password was given"),
    ("pg_hba", "服务器不允许从此处登录", "the server allows no login from here"),
    ("translate host name", "找不到这台主机", "the host is not known"),
    ("resolve host", "找不到这台主机", "the host is not known"),
    ("refused", "服务器没有应答（连接被拒绝）", "no server answers there"),
    ("timeout", "连接超时", "it did not answer in time"),
    ("does not exist", "没有这个数据库或用户", "there is no such database or user"),
    ("too many", "连接数已满", "all its connections are taken"),
)
"""What the words of a refusal stand for; the words themselves name the login and are not told."""


def _unreachable(source: Offered, error: Exception) -> DataError:
    said = str(error).lower()
    zh, en = next(
        ((zh, en) for part, zh, en in REFUSALS if part in said),
        ("请核对地址和服务器", "look at its address and the server"),
    )
    return DataError(
        f"无法连接数据库 {source.database}（{source.place}）：{zh}。",
        f"Cannot connect to the database {source.database} ({source.place}): {en}.",
    )


def named(source: Offered) -> str:
    """A table and its database as a sentence in Chinese begins with them."""
    return f"数据库 {source.database} 的 {source.table} "


def failed(source: Offered, error: psycopg.Error) -> DataError:
    """The sentence about a query that failed."""
    code = error.sqlstate or ""
    told = (error.diag.message_primary or type(error).__name__).rstrip("。.")
    known = {
        "57014": (
            f"在 {source.timeout:g} 秒内没有读完，请缩小范围或调大 timeout",
            f"was not read within {source.timeout:g} s; read less of it or raise timeout",
        ),
        "55P03": ("被锁住", "is locked"),
        "42501": (f"没有读取权限（{told}）", f"may not be read ({told})"),
        "42P01": (f"的查询用到不存在的表（{told}）", f"refers to a missing table ({told})"),
        "42703": (f"没有所用的列（{told}）", f"lacks a column ({told})"),
        "42601": (f"的 where 不是条件（{told}）", f"has a where that is no condition ({told})"),
        "25006": ("的查询想要写入，只许读取", "tries to write; it may only be read"),
    }
    zh, en = known.get(code, (f"读取出错：{told}", f"could not be read: {told}"))
    if not code or code.startswith(("08", "57P")):
        zh, en = "读取时连接中断", "could not be read: the connection broke off"
    return DataError(
        f"{named(source)}{zh}。", f"{source.table} of the database {source.database} {en}."
    )


def too_slow(source: Offered) -> DataError:
    """The sentence about rows that take longer to come than they may."""
    return failed(source, psycopg.errors.QueryCanceled())
