"""What people read: tables, JSON, pictures."""
