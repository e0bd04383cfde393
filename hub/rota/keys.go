package rota

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"time"

	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// isKey is the form of a routing key: 128 bits.
var isKey = regexp.MustCompile(`^[0-9a-f]{32}$`).MatchString

// hashKey is what is stored of a key, and what it is looked up by. The key has
// 128 random bits, so a plain hash is enough.
func hashKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// makeKey makes a routing key and stores its hash.
func makeKey(tx store.Secrets, n IntegrationDoc, now, oldUntil time.Time) (RoutingKey, error) {
	random := make([]byte, 16)
	rand.Read(random) // never fails: the program stops instead
	key := hex.EncodeToString(random)
	if err := tx.AddRoutingKey(hashKey(key), incident.IntegrationID(n.ID), now, oldUntil); err != nil {
		return RoutingKey{}, err
	}
	return RoutingKey{Integration: string(n.ID), Service: string(n.Service), Kind: string(n.Kind), Key: key}, nil
}

// keyProblems checks the keys that came with a file, without showing them.
func (f File) keyProblems(keys map[string]string) []Problem {
	var ps Problems
	users := map[string]ID{}
	for i, n := range f.Documents.Integrations {
		if n.KeyFrom == (KeyFrom{}) {
			continue
		}
		path := f.pathOf(KindIntegration, i) + ".key_from"
		key, given := keys[string(n.ID)]
		other, twice := users[key]
		switch {
		case !given:
			ps.add(f.places[path], path, "the routing key was not given; the command line reads it from there and passes it along")
		case !isKey(key):
			ps.add(f.places[path], path, "the routing key found there has %d characters; expected 32 lower-case hexadecimal ones (0-9, a-f)", len(key))
		case twice:
			ps.add(f.places[path], path, "the routing key found there is also that of %q; each integration needs its own", other)
		}
		users[key] = n.ID
	}
	return ps.List
}
