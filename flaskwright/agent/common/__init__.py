"""What both sides must spell alike: places, sites, subjects, frames, marks, hidden values, text."""
