package duty

import (
	"context"

	"tocsin/hub/engine"
	"tocsin/hub/fault"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
)

// Take puts a user on call in a schedule from now on, until the present shift
// would end or another time. What is open on that level hands off by itself;
// whoever is replaced is told.
func (k *Keeper) Take(ctx context.Context, r rota.TakeRequest) (rota.Taken, error) {
	now := engine.Now()
	org, u := k.Directory.Current(), responder.UserID(r.User)
	if a, off := org.AbsenceAt(u, now); off {
		return rota.Taken{}, fault.New(fault.Invalid, "%s is off duty until %s and would not be paged; go on duty first",
			org.UserName(u), clock(a.End, zoneOf(org, u)))
	}
	taken, err := k.Rota.TakeShift(ctx, r, now)
	if err != nil || r.DryRun {
		return taken, err
	}
	k.Log.Info("a shift was taken", "schedule", r.Schedule, "user", r.User, "instead of", taken.Was, "until", taken.End)
	return taken, k.Reload(ctx, u)
}

// Swap exchanges two shifts; both users are told.
func (k *Keeper) Swap(ctx context.Context, r rota.SwapRequest) (rota.Swap, error) {
	swap, err := k.Rota.Swap(ctx, r, engine.Now())
	if err != nil || r.DryRun {
		return swap, err
	}
	k.Log.Info("two shifts were swapped", "schedule", r.Schedule, "users", []responder.UserID{swap.Before[0].User, swap.Before[1].User}, "by", r.By)
	return swap, k.Reload(ctx, "")
}
