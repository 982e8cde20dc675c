"""The width requirement: lemmas and the theorem at the width that it asks for, by trials."""
