/**
 * Portable snapshots: what a table knows survives a restart.
 *
 * <p>The times of a {@link io.github.bytesandbrains.backoff.BackoffState} mean nothing in another
 * process. A snapshot holds durations instead, and the wall-clock time at which it was captured, so
 * the time in between counts. {@link io.github.bytesandbrains.backoff.snapshot.Snapshots} saves to
 * a file and loads from it; {@link io.github.bytesandbrains.backoff.snapshot.PortableSnapshot} is
 * the value for a program that keeps its snapshots elsewhere. The page {@code
 * src/docs/production.md} has an example, and {@code src/docs/snapshot-format.md} describes the
 * file.
 */
@NullMarked
package io.github.bytesandbrains.backoff.snapshot;

import org.jspecify.annotations.NullMarked;
