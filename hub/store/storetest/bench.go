package storetest

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"tocsin/hub/incident"
	"tocsin/hub/store"
)

// Benchmark measures commits: alone, and many at once that share them.
func Benchmark(b *testing.B, home Home) {
	for _, parallel := range []int{1, 32} {
		b.Run(fmt.Sprintf("create/parallel=%d", parallel), func(b *testing.B) {
			s := home.Fresh(b).Open(b, auditKey)
			var n atomic.Int64
			b.SetParallelism(parallel)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					r := plain(int(n.Add(1)))
					err := s.Update(context.Background(), func(tx store.Tx) error {
						_, err := tx.Create(r, []incident.Entry{entry(noon, "one"), entry(noon, "two"), entry(noon, "three"), entry(noon, "four")})
						return err
					})
					if err != nil {
						b.Error(err)
					}
				}
			})
			if err := s.Close(); err != nil {
				b.Error(err)
			}
		})
	}
	b.Run("load", func(b *testing.B) {
		s := home.Fresh(b).Open(b, auditKey)
		r := plain(1)
		if err := s.Update(context.Background(), func(tx store.Tx) error {
			_, err := tx.Create(r, []incident.Entry{entry(noon, "one")})
			return err
		}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := s.View(context.Background(), func(tx store.Tx) error { _, err := tx.Load(r.Incident.ID); return err }); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
}
