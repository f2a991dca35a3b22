package inner

// Deep is reached by the integration test alone.
func Deep(x int) int {
	if x < 0 {
		return -x
	}
	return x
}
