"""How anything is run at all: the contract of a handler, one run of a plan, programs, the link."""
