package untested

// Nobody imports this package (C39).
func Nobody() int {
	return 1
}
