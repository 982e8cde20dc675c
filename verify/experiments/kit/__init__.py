"""What every experiment is made with."""
