/**
 * Backoff for the calls of gRPC channels: an interceptor checks the table before each call, and
 * records the outcome after it.
 *
 * <pre>{@code
 * static final ConcurrentBackoffTable<String> TABLE = ConcurrentBackoffTable.builder()
 *     .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
 *         .withJitter(Jitter.equal()))
 *     .probeLease(Duration.ofSeconds(10)) // longer than the deadline of a call
 *     .build();
 *
 * static ManagedChannel channel(ManagedChannelBuilder<?> builder) {
 *   return builder.intercept(BackoffClientInterceptor.of(TABLE)).build();
 * }
 *
 * Optional<String> greet(String name) {
 *   try {
 *     return Optional.of(greeter.apply(name));
 *   } catch (StatusRuntimeException e) {
 *     if (e.getCause() instanceof PeerCoolingException cooling) { // nothing was sent
 *       later.accept(name, cooling.remaining()); // yours: calls again after that delay
 *       return Optional.empty();
 *     }
 *     throw e;
 *   }
 * }
 * }</pre>
 *
 * <p>{@code greeter} stands for a method of a blocking stub of that channel. The peer of a call is
 * the authority of its channel: a service, not one of its hosts.
 *
 * <ol>
 *   <li>A call starts. The interceptor acquires a permit. If the peer is cooling, the call fails at
 *       once with {@code UNAVAILABLE}, even if it has {@code waitForReady}. Every kind of stub
 *       reports that status; its cause says how long the peer is cooling.
 *   <li>gRPC sends the call, and retries it if it is configured to.
 *   <li>The call ends. {@code UNAVAILABLE} and {@code DEADLINE_EXCEEDED} are failures of the peer,
 *       or advisories if the server said when to come back. The other statuses show that the peer
 *       is there, or say nothing; {@link
 *       io.github.bytesandbrains.backoff.grpc.BackoffClientInterceptor} has the table.
 * </ol>
 *
 * <p>Give calls a deadline, and the table a {@code probeLease} that is longer: a call that hangs
 * is then a failure.
 *
 * <p>A channel that cannot connect waits for up to two minutes before it tries again. Until then it
 * fails calls without an attempt, and a probe with them. When something says that the peer is back,
 * call {@link io.grpc.ManagedChannel#resetConnectBackoff()} along with {@link
 * io.github.bytesandbrains.backoff.ConcurrentBackoffTable#expedite(Object)}.
 *
 * <p>Needs {@code io.grpc:grpc-api}, which this library does not bring.
 */
@NullMarked
package io.github.bytesandbrains.backoff.grpc;

import org.jspecify.annotations.NullMarked;
