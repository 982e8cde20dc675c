"""`python -m verify`."""

from verify.command_line.program import main

if __name__ == "__main__":
    main()
