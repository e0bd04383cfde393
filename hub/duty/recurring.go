package duty

import (
	"context"

	"tocsin/hub/engine"
	"tocsin/hub/responder"
	"tocsin/hub/rota"
)

// AddRecurring enters a recurring absence; whoever takes the shifts is told.
func (k *Keeper) AddRecurring(ctx context.Context, r rota.RecurringRequest) (rota.Recurring, error) {
	made, err := k.Rota.AddRecurring(ctx, r, engine.Now())
	if err != nil || r.DryRun {
		return made, err
	}
	k.Log.Info("a recurring absence was entered", "id", made.ID, "user", r.User, "by", r.By)
	return made, k.Reload(ctx, responder.UserID(r.By))
}

// RemoveRecurring ends one that a person entered.
func (k *Keeper) RemoveRecurring(ctx context.Context, id string, by responder.UserID) error {
	if err := k.Rota.RemoveRecurring(ctx, id, string(by), engine.Now()); err != nil {
		return err
	}
	k.Log.Info("a recurring absence was removed", "id", id, "by", by)
	return k.Reload(ctx, by)
}
