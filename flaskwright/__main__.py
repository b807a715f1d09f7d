"""What `./fab` becomes."""

from .run.program import main

main()
