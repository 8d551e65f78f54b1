package client

import "github.com/gammazero/nexus/v3/wamp"

// ownRoles returns the roles of the client with their features (WAMP specification,
// "Feature Announcement"): nexus's, whose map its clients share.
func ownRoles() wamp.Dict {
	rpc := []string{
		wamp.FeatureCallCanceling, wamp.FeatureCallTimeout, wamp.FeatureCallerIdent,
		wamp.FeatureProgCallInvocations, wamp.FeatureProgCallResults,
	}
	roles := wamp.Dict{
		wamp.RolePublisher:  role(wamp.FeatureSubBlackWhiteListing, wamp.FeaturePubExclusion, wamp.FeaturePubIdent),
		wamp.RoleSubscriber: role(wamp.FeaturePatternSub, wamp.FeaturePubIdent),
		wamp.RoleCallee:     role(append(rpc, wamp.FeaturePatternBasedReg, wamp.FeatureSharedReg)...),
		wamp.RoleCaller:     role(rpc...),
	}
	announce(roles, []string{wamp.FeaturePayloadPassthruMode})
	return roles
}

func role(features ...string) wamp.Dict {
	announced := wamp.Dict{}
	for _, feature := range features {
		announced[feature] = true
	}
	return wamp.Dict{"features": announced}
}

func announce(roles wamp.Dict, features []string) {
	for _, v := range roles {
		role, ok := v.(wamp.Dict)
		if !ok {
			continue
		}
		announced, ok := role["features"].(wamp.Dict)
		if !ok {
			announced = wamp.Dict{}
			role["features"] = announced
		}
		for _, feature := range features {
			announced[feature] = true
		}
	}
}
