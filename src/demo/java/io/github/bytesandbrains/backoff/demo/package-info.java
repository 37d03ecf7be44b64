/**
 * The outage rehearsal: worker threads send to peers on real sockets, before, during and after an
 * outage. Start reading at {@link io.github.bytesandbrains.backoff.demo.Rehearsal}.
 */
@NullMarked
package io.github.bytesandbrains.backoff.demo;

import org.jspecify.annotations.NullMarked;
