"""Where `./fab` enters: `python -m flaskwright`, with the words that were typed."""

import gc

gc.disable()  # until a task runs (executor.py): of what is imported, all of it stays

from flaskwright.run.program import main  # noqa: E402

main()
