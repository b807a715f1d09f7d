"""What `./fab` becomes."""

from .program import main

main()
