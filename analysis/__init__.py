"""What it amounts to: frames in, frames out; integers only. Pure: no HTTP, no database, no clock."""
