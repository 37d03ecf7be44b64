/**
 * A thread-safe table of exponential backoff per peer: may I talk to this peer now, and if not,
 * when?
 *
 * <h2>The model, in five minutes</h2>
 *
 * A <em>peer</em> is whatever a thread sends to. Of a peer that fails, the table keeps one {@link
 * io.github.bytesandbrains.backoff.BackoffState}: the <em>attempts</em> (its consecutive failures),
 * the time of the last one, and the time of its <em>next retry</em>. A {@link
 * io.github.bytesandbrains.backoff.BackoffSchedule} turns the attempts into the <em>delay</em>
 * between the two. A peer that is not failing is unknown to the table, and costs nothing.
 *
 * <pre>
 *                 failure, advisory
 *  +---------+ ---------------------&gt; +---------+ &lt;--.  failure, advisory:
 *  | unknown |                        | cooling | ---'  attempts + 1
 *  +---------+ &lt;--------------------- +---------+ &lt;------------------.
 *    ^     ^          success           |                            |
 *    |     |                            |  its next retry comes      |
 *    |     |                            v                            |
 *    |     |     success, idle        +---------+  failure, advisory |
 *    |     '------------------------- |   due   | ------------------&gt;|
 *    |                                +---------+                    |
 *    |                    tryAcquire:   |     ^                      |
 *    |                    the probe     |     |  abandoned,          |
 *    |                                  v     |  lease is over       |
 *    |           success              +---------+  failure, advisory |
 *    '------------------------------- | probing | -------------------'
 *                                     +---------+
 * </pre>
 *
 * <ul>
 *   <li><b>Unknown</b> and <b>due</b> peers may be tried, <b>cooling</b> ones must be left alone:
 *       that is {@link
 *       io.github.bytesandbrains.backoff.ConcurrentBackoffTable#shouldRetry(Object) shouldRetry}.
 *       {@link io.github.bytesandbrains.backoff.ConcurrentBackoffTable#remaining(Object) remaining}
 *       says how long.
 *   <li>A <b>failure</b> waits for what the schedule says: 10 ms, 20 ms, 40 ms, up to 60 s.
 *   <li>An <b>advisory</b> is the peer's own word on how long to stay away (elsewhere {@code
 *       Retry-After}, pushback, throttling). It replaces the schedule's delay.
 *   <li>A <b>success</b> forgets the peer.
 *   <li>A <b>probing</b> peer is one that {@link
 *       io.github.bytesandbrains.backoff.ConcurrentBackoffTable#tryAcquire(Object) tryAcquire} has
 *       leased to one caller: its next retry is put off by the lease, so that to all others it is
 *       cooling. Nothing else tells it from a cooling one.
 *   <li>A due peer of which nothing is heard for the <em>idle timeout</em> is <b>evicted</b>, and so
 *       is, of too many peers, one that fails seldom, in whatever state.
 * </ul>
 *
 * <h2>An example</h2>
 *
 * <pre>{@code
 * ConcurrentBackoffTable<String> table = ConcurrentBackoffTable.create(); // one for all threads
 *
 * if (table.shouldRetry(peer)) {
 *   Reply reply = send(peer);
 *   switch (reply.status()) {
 *     case OK -> table.recordSuccess(peer);
 *     case BUSY -> table.recordRemoteAdvisory(peer, reply.retryAfter());
 *     case FAILED -> table.recordFailure(peer);
 *   }
 * } else {
 *   later(peer, table.remaining(peer));
 * }
 * }</pre>
 *
 * <p>Read on in this order: {@link io.github.bytesandbrains.backoff.BackoffState}, {@link
 * io.github.bytesandbrains.backoff.BackoffSchedule}, {@link
 * io.github.bytesandbrains.backoff.ConcurrentBackoffTable}, {@link
 * io.github.bytesandbrains.backoff.Attempt}. The package {@code micrometer} below
 * this one holds the meters.
 */
@NullMarked
package io.github.bytesandbrains.backoff;

import org.jspecify.annotations.NullMarked;
