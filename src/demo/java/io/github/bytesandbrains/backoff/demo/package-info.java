/**
 * The outage rehearsal: worker threads and peers on real sockets, through an outage and out of it,
 * twice with a table, which is asked in two ways, and once without. Start at {@link
 * io.github.bytesandbrains.backoff.demo.Rehearsal}.
 */
@NullMarked
package io.github.bytesandbrains.backoff.demo;

import org.jspecify.annotations.NullMarked;
