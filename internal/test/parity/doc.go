// Package parity holds two clients against each other: nexus's client.Client, and
// transparency.Session with an empty keyring, which has to do the same.
//
// Its tests run each behaviour with both clients: over WebSocket, RawSocket and links inside a
// process, with each serializer, and in some of these with one client at either end. A
// behaviour is written once. It notes what can be seen from outside. The test fails if that
// isn't the same for both clients, or isn't what nexus documents:
//
//	both(t, everywhere, outcome{"call": "[55]"}, func(w *world) {
//		callee, caller := w.connect(), w.connect()
//		w.register(callee, "com.parity.sum", sum, nil)
//		result, err := caller.Call(w.soon(), "com.parity.sum", nil, wamp.List{5, 50}, nil, nil)
//		require.NoError(w, err)
//		w.note("call", fmt.Sprint(result.Arguments))
//	})
//
// Errors are compared by what a program can branch on: sentinels, the fields of an RPCError,
// the WAMP URIs that they name. Their words are compared only if a router or a callee gave
// them. No arguments and nil arguments count as one.
//
// If the two clients differ on purpose, that stands in one table, differences, with the reason.
// Each client is held to its own outcome there.
//
// # Behaviours that nexus checks
//
// The tests of nexus v3.3.0 in client and test, and what answers them here:
//
//	client/client_test.go
//	TestJoinRealm                          TestJoin, TestClose, TestJoinRefused
//	TestClientJoinRealmWithCRAuth          TestAuthenticate
//	TestSubscribe                          TestMatch, TestSubscribeIsRefused, TestPublishIsRefused,
//	                                       TestUnsubscribe; payload passthru: differences
//	TestRemoteProcedureCall                TestRegisterAndCall; payload passthru: differences
//	TestProgressiveCallResults             TestProgressiveResults
//	TestProgressiveCallInvocations         TestProgressiveCall
//	TestProgressiveCallInvocationCalleeError  TestCalleeFailsBetweenChunks
//	TestProgressiveCallsAndResults         TestProgressBothWays
//	TestTimeoutCancelRemoteProcedureCall   TestDeadline
//	TestCancelRemoteProcedureCall          TestCancelCall
//	TestTimeoutRemoteProcedureCall         TestTimeoutOption, TestRegisterIsRefused
//	TestConnectContext                     TestConnectWithAnEndedContext
//	TestClientRace                         TestKilledWhileRegistering
//	TestInvocationHandlerMissedDone        TestKilledWhileServing
//	TestProgressDisconnect                 TestRouterShutsDownDuringProgress
//	TestEmptyDictLeak                      TestNilOptionsAreNotShared
//	TestEventContentSafety                 TestEventsAreTheHandlersOwn
//	TestRouterFeatures                     none: a method of the router; TestHasFeature goes by its answer
//	client/doc_test.go                     none: examples that don't run
//
//	test/main_test.go
//	TestHandshake                          TestClose, TestCookies, TestURLs, TestCompression
//	test/auth_test.go
//	TestJoinRealmWithCRAuth                TestAuthenticate
//	TestJoinRealmWithCRCookieAuth          TestCookies
//	TestJoinRealmWithCRAuthBad             TestAuthenticate
//	TestAuthz                              TestAuthorizer
//	test/pubsub_test.go
//	TestPubSub                             TestPublishAndSubscribe
//	TestPubSubWildcard                     TestMatch
//	TestUnsubscribeWrongTopic              TestUnsubscribe
//	TestSubscribeBurst                     TestSubscribeBurst
//	test/rpc_test.go
//	TestRPCRegisterAndCall                 TestHandlersRunInParallel, TestRegisterAndCall
//	TestRPCCallUnregistered                TestRaisedByTheRouter
//	TestRPCUnregisterUnregistered          TestRegisterAndCall
//	TestRPCCancelCall                      TestCancelCall
//	TestRPCTimeoutCall                     TestTimeoutOption
//	TestRPCResponseRouting                 TestAnswersFindTheirCalls
//	test/rpc_progress_test.go
//	TestRPCProgressiveCallResults          TestProgressiveResults
//	TestRPCProgressiveCallInterrupt        TestCallerLeavesDuringProgress
//	TestProgressStress                     TestProgressUnderLoad
//	TestRPCProgressiveCallTimeout          TestTimeoutDuringProgress
//	test/rpc_shared_test.go
//	TestRPCSharedRoundRobin                TestSharedRegistration
//	TestRPCSharedRandom                    TestSharedRegistration
//	test/registration_meta_test.go
//	TestMetaEventRegOnCreateRegOnRegister  TestMetaRegistrations
//	TestMetaEventRegOnUnregisterRegOnDelete  TestMetaRegistrations
//	test/subscription_meta_test.go
//	TestMetaEventOnCreateOnSubscribe       TestMetaSubscriptions
//	TestMetaEventOnUnsubscribeOnDelete     TestMetaSubscriptions
//	TestMetaProcSubGet                     TestMetaSubscriptions
//	test/session_meta_test.go
//	TestMetaEventOnJoin                    TestMetaSessions
//	TestMetaEventOnLeave                   TestMetaSessions
//	TestMetaProcSessionCount               TestMetaSessions
//	TestMetaProcSessionList                TestMetaSessions
//	TestMetaProcSessionGet                 TestMetaSessions
//	test/session_meta_kill_test.go
//	TestSessionKill                        TestSessionIsKilled
//	TestSessionKillAll                     TestManyAreKilled, TestSessionIsKilled
//	TestSessionModifyDetails               TestModifyDetails
//	TestSessionKillDeadlock                TestKilledAmongMetaEvents
//	test/session_testament_meta_test.go
//	TestAddTestament                       TestTestament
//	TestAddFlushTestament                  TestTestament
//	test/sessionfilter_test.go
//	TestWhitelistAttribute                 TestWhoGetsAnEvent
//	TestBlacklistAttribute                 TestWhoGetsAnEvent
//	test/benchmark_*_test.go               none: they measure, and check nothing
//
// The remaining tests are of what nexus's client documents or does, and its suite
// doesn't check.
package parity
