"""`python -m homewright`: the same as `homewright`."""

from homewright.cli import main

main()
