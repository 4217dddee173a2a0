import sys

from shop.failures import FAILURES


def main():
    FAILURES[sys.argv[1]]()


if __name__ == "__main__":
    main()
