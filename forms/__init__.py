"""What we ask: workbooks become forms, submission XML becomes answers. Pure: no HTTP, no database, no clock."""
