// Package closed tests mistakes after which a user could believe that something is sealed
// when it isn't. After none of them is it sent. The package has tests alone.
package closed
