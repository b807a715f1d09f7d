"""The app's repository: commits, and the ways to fetch them."""
