/**
 * A thread-safe table of exponential backoff per peer: may I talk to this peer now, and if not,
 * when?
 *
 * <h2>The model, in five minutes</h2>
 *
 * A <em>peer</em> is whatever a thread sends to. For a peer that fails, the table keeps one {@link
 * io.github.bytesandbrains.backoff.BackoffState}: the <em>attempts</em> (its consecutive failures
 * and advisories), the time of the last one, and the time of its <em>next retry</em>. A {@link
 * io.github.bytesandbrains.backoff.BackoffSchedule} turns the attempts into the <em>delay</em>
 * between the last failure and the next retry. A healthy peer is not tracked; one that recovered
 * recently leaves a small marker.
 *
 * <pre>
 *            failure, advisory, postpone
 *  +---------+ ---------------------&gt; +---------+ &lt;--.  failure, advisory:
 *  | healthy |                        | cooling | ---'  attempts + 1
 *  +---------+ &lt;--------------------- +---------+ &lt;------------------.
 *    ^     ^          success           |     ^                      |
 *    |     |             next retry,    |     |  postpone            |
 *    |     |             expedite       v     |                      |
 *    |     |     success, idle        +---------+  failure, advisory |
 *    |     '------------------------- |   due   | ------------------&gt;|
 *    |                                +---------+                    |
 *    |                    tryAcquire:   |     ^  release, expedite,  |
 *    |                    the probe     v     |  lease expires       |
 *    |           success              +---------+  failure, advisory |
 *    '------------------------------- | probing | -------------------'
 *                                     +---------+
 * </pre>
 *
 * <ul>
 *   <li><b>Healthy</b> and <b>due</b> peers may be tried, <b>cooling</b> ones must be left alone:
 *       that is {@link
 *       io.github.bytesandbrains.backoff.ConcurrentBackoffTable#shouldRetry(Object) shouldRetry}.
 *       {@link io.github.bytesandbrains.backoff.ConcurrentBackoffTable#remaining(Object) remaining}
 *       says when it is worth asking again.
 *   <li>A <b>failure</b> imposes the schedule's delay: 10 ms, 20 ms, 40 ms, up to 60 s.
 *   <li>An <b>advisory</b> is a delay that the peer itself requests ({@code Retry-After}, pushback,
 *       throttling). It replaces the schedule's delay.
 *   <li>A <b>success</b> forgets the peer.
 *   <li>A <b>probing</b> peer is a due one that {@link
 *       io.github.bytesandbrains.backoff.ConcurrentBackoffTable#tryAcquire(Object) tryAcquire} has
 *       leased to one caller. For every other caller it is cooling.
 *   <li>A peer for which nothing was recorded for the <em>idle timeout</em> after its next retry is
 *       <b>idle</b>, and treated as forgotten. Beyond a maximum, the oldest peers with the fewest
 *       consecutive failures are <b>evicted</b>, in whatever state.
 * </ul>
 *
 * <h2>Two examples</h2>
 *
 * <p>One call for each request, which throws {@link
 * io.github.bytesandbrains.backoff.PeerCoolingException} while the peer is cooling:
 *
 * <pre>{@code
 * static final Duration TIMEOUT = Duration.ofSeconds(5);
 *
 * final ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.builder()
 *     .schedule(BackoffSchedule.exponential(Duration.ofMillis(50), Duration.ofSeconds(30))
 *         .withJitter(Jitter.equal()))
 *     .probeLease(TIMEOUT.multipliedBy(2)) // longer than a request can take
 *     .build();
 *
 * Reply request(String peer) throws Exception {
 *   return table.call(peer, () -> transport.send(peer, TIMEOUT), reply -> classify(reply));
 * }
 *
 * static Outcome classify(Reply reply) {
 *   return switch (reply.status()) {
 *     case 429, 503 -> reply.retryAfter().map(Outcome::advisory).orElse(Outcome.failure());
 *     case 502, 504 -> Outcome.failure();
 *     default -> Outcome.success(); // even a 404 shows that the peer is up
 *   };
 * }
 * }</pre>
 *
 * <p>The same with a permit, for messages that are sent later if their peer is cooling:
 *
 * <pre>{@code
 * void deliver(String peer) { // called by any number of threads
 *   Permit permit = table.tryAcquire(peer).orElse(null);
 *   if (permit == null) {
 *     deliverAfter(table.remaining(peer), peer);
 *     return;
 *   }
 *   try {
 *     Reply reply = transport.send(peer, TIMEOUT);
 *     if (reply.isBusy()) {
 *       permit.recordRemoteAdvisory(reply.retryAfter().orElse(Duration.ofSeconds(1)));
 *       deliverAfter(table.remaining(peer), peer);
 *     } else {
 *       permit.recordSuccess();
 *     }
 *   } catch (IOException e) {
 *     permit.recordFailure();
 *     deliverAfter(table.remaining(peer), peer);
 *   } finally {
 *     permit.close(); // releases it if nothing was recorded
 *   }
 * }
 * }</pre>
 *
 * <p>{@link io.github.bytesandbrains.backoff.Permit} states the one rule by which an outcome
 * counts.
 *
 * <p>Read on in this order: {@link io.github.bytesandbrains.backoff.BackoffState}, {@link
 * io.github.bytesandbrains.backoff.BackoffSchedule}, {@link
 * io.github.bytesandbrains.backoff.ConcurrentBackoffTable}, {@link
 * io.github.bytesandbrains.backoff.Permit}. The packages {@code http}, {@code grpc}, {@code
 * snapshot}, {@code redis} and {@code micrometer} hold one integration each.
 */
@NullMarked
package io.github.bytesandbrains.backoff;

import org.jspecify.annotations.NullMarked;
