package escalation

import "testing"

func TestACatchAllUserWithATelephoneAloneIsCalledAgainAtEachPass(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim").mute("kim").method("kim", "phone", 0, true, "accepts").trigger().at(16*m).
		pages("0s kim nobody_found", "5m0s kim nobody_found", "10m0s kim nobody_found", "15m0s kim nobody_found").open("kim")
}

func TestACatchAllUserWhoseDeviceRingsKeepsOnePage(t *testing.T) {
	given(t, 5*m).levels("").catchAll("kim").method("kim", "phone", 0, true, "accepts").trigger().rings("kim").at(16 * m).
		pages("0s kim nobody_found").open("kim")
}
