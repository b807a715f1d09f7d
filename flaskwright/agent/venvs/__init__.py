"""What a release runs from: interpreter and requirements, built without rights."""
