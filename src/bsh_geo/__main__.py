"""``python -m bsh_geo`` is the command ``bsh-geo``."""

from bsh_geo.cli import main

if __name__ == "__main__":
    main()
