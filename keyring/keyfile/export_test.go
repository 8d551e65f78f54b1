package keyfile

// Room gives how many bytes Marshal makes room for.
func Room(f *File) int { return f.size() }
