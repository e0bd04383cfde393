package rota

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tocsin/hub/store"
)

// objects turns documents into what the store keeps, in an order in which each
// thing comes after what it names.
func (d Documents) objects() []store.Object {
	list := []store.Object{{Kind: KindOrganisation, ID: KindOrganisation, Body: body(d.Organisation)}}
	list = appendObjects(list, KindUser, d.Users, func(v UserDoc) ID { return v.ID })
	list = appendObjects(list, KindTeam, d.Teams, func(v TeamDoc) ID { return v.ID })
	list = appendObjects(list, KindSchedule, d.Schedules, func(v ScheduleDoc) ID { return v.ID })
	list = appendObjects(list, KindPolicy, d.Policies, func(v PolicyDoc) ID { return v.ID })
	list = appendObjects(list, KindService, d.Services, func(v ServiceDoc) ID { return v.ID })
	list = appendObjects(list, KindIntegration, d.Integrations, func(v IntegrationDoc) ID { return v.ID })
	list = appendObjects(list, KindWindow, d.Windows, func(v WindowDoc) ID { return v.ID })
	list = appendObjects(list, KindOverride, d.Overrides, func(v OverrideDoc) ID { return v.ID })
	list = appendObjects(list, KindMaintenance, d.Maintenance, func(v MaintenanceDoc) ID { return v.ID })
	list = appendObjects(list, KindAbsence, d.Absences, func(v AbsenceDoc) ID { return v.ID })
	return appendObjects(list, KindPresence, d.Presences, func(v PresenceDoc) ID { return v.ID })
}

func appendObjects[T any](list []store.Object, kind string, docs []T, id func(T) ID) []store.Object {
	for _, v := range docs {
		list = append(list, store.Object{Kind: kind, ID: string(id(v)), Body: body(v)})
	}
	return list
}

func body(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // documents are made of texts, numbers and lists
	}
	return b
}

// documentsOf reads what the store keeps. Kinds that this version does not know
// are left alone: a later one may have written them.
func documentsOf(objects []store.Object) (Documents, error) {
	var d Documents
	for _, o := range objects {
		if len(o.Body) == 0 {
			continue
		}
		var err error
		switch o.Kind {
		case KindOrganisation:
			err = json.Unmarshal(o.Body, &d.Organisation)
		case KindUser:
			err = read(&d.Users, o.Body)
		case KindTeam:
			err = read(&d.Teams, o.Body)
		case KindSchedule:
			err = read(&d.Schedules, o.Body)
		case KindPolicy:
			err = read(&d.Policies, o.Body)
		case KindService:
			err = read(&d.Services, o.Body)
		case KindIntegration:
			err = read(&d.Integrations, o.Body)
		case KindWindow:
			err = read(&d.Windows, o.Body)
		case KindOverride:
			err = read(&d.Overrides, o.Body)
		case KindMaintenance:
			err = read(&d.Maintenance, o.Body)
		case KindAbsence:
			err = read(&d.Absences, o.Body)
		case KindPresence:
			err = read(&d.Presences, o.Body)
		}
		if err != nil {
			return Documents{}, fmt.Errorf("the stored %s %q: %w", words(o.Kind), o.ID, err)
		}
	}
	return d, nil
}

func read[T any](list *[]T, body []byte) error {
	var v T
	if err := json.Unmarshal(body, &v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

type objectKey struct{ kind, id string }

// changedObjects lists what the store has to keep so that it has after instead
// of before. Removed objects have no body.
func changedObjects(before, after []store.Object) []store.Object {
	old := map[objectKey][]byte{}
	for _, o := range before {
		old[objectKey{o.Kind, o.ID}] = o.Body
	}
	var list []store.Object
	for _, o := range after {
		key := objectKey{o.Kind, o.ID}
		if !bytes.Equal(old[key], o.Body) {
			list = append(list, o)
		}
		delete(old, key)
	}
	for _, o := range before {
		if _, gone := old[objectKey{o.Kind, o.ID}]; gone {
			list = append(list, store.Object{Kind: o.Kind, ID: o.ID})
		}
	}
	return list
}
