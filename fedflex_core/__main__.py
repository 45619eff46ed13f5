"""`python -m fedflex_core` is the command `fedflex`."""

from fedflex_core.cli import main

if __name__ == "__main__":
    main()
