package transparency_test

import (
	"reflect"
	"testing"

	"github.com/gammazero/nexus/v3/client"
	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/transparency"
)

// TestSessionHasEveryMethodOfTheClient fails when nexus adds a method, so that
// somebody decides how it is sealed.
func TestSessionHasEveryMethodOfTheClient(t *testing.T) {
	theirs := reflect.TypeFor[*client.Client]()
	ours := reflect.TypeFor[*transparency.Session]()
	iface := reflect.TypeFor[transparency.Client]()
	require.NotZero(t, theirs.NumMethod())
	for i := range theirs.NumMethod() {
		want := theirs.Method(i)
		got, ok := ours.MethodByName(want.Name)
		require.True(t, ok, "Session lacks %s", want.Name)
		in := func(m reflect.Type) (list []reflect.Type) {
			for i := 1; i < m.NumIn(); i++ {
				list = append(list, m.In(i))
			}
			for i := range m.NumOut() {
				list = append(list, m.Out(i))
			}
			return list
		}
		require.Equal(t, in(want.Type), in(got.Type), want.Name)
		_, ok = iface.MethodByName(want.Name)
		require.True(t, ok, "Client lacks %s", want.Name)
	}
}

// TestSessionEmbedsNothing: a promoted method would slip past the sealing. What has none that
// can be called is let through.
func TestSessionEmbedsNothing(t *testing.T) {
	typ := reflect.TypeFor[transparency.Session]()
	for i := range typ.NumField() {
		field := typ.Field(i)
		if field.Anonymous {
			require.Zero(t, field.Type.NumMethod()+reflect.PointerTo(field.Type).NumMethod(), field.Name)
		}
	}
}
