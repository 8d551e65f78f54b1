package authority_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/authority"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/internal/grants"
	"github.com/wamp-cryptobox/wamp-cryptobox-go/keyring"
)

// BenchmarkIssue issues to 1,000 members that hold 1,000 patterns each.
func BenchmarkIssue(b *testing.B) {
	for _, n := range []int{100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			dir := b.TempDir()
			a, err := authority.Init(dir+"/authority", authority.Options{})
			require.NoError(b, err)
			defer a.Close()
			var list []authority.Granting
			began := time.Now()
			for i := range n {
				name := fmt.Sprintf("member-%04d", i)
				enrolled(b, a, name, false)
				for j := range n {
					list = append(list, authority.Granting{Member: name, Pattern: keyring.Prefix(fmt.Sprintf("com.myapp.area%04d.", j)), As: authority.Both})
				}
			}
			b.Logf("enrolled in %v", time.Since(began))
			began = time.Now()
			require.NoError(b, a.Grant(authority.GrantOptions{}, list...))
			b.Logf("granted in %v", time.Since(began))
			f, err := grants.Create(dir + "/grants")
			require.NoError(b, err)
			for b.Loop() {
				made, err := a.Issue(f, authority.IssueOptions{})
				require.NoError(b, err)
				b.ReportMetric(float64(made.Bytes)/float64(n), "B/member")
				info, err := os.Stat(dir + "/authority/authority.json")
				require.NoError(b, err)
				b.ReportMetric(float64(info.Size()), "B/state")
			}
		})
	}
}
