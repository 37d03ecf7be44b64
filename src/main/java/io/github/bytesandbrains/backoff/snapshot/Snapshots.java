package io.github.bytesandbrains.backoff.snapshot;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Function;

/**
 * Saves what a table knows to a file, and loads it in another process.
 *
 * <p><b>Time.</b> The time between saving and loading counts, by the wall clock: a delay goes on,
 * and a peer that is idle by then is left out. A wall clock that was set back counts as no time. A
 * probe in flight ends with its process, so its peer is saved as due.
 *
 * <p><b>Loading.</b> Attempts continue where they were. A peer that the table already tracks keeps
 * its state, because that is newer. Peers that are due are spread evenly over a second, unless
 * another spread is given, so that a restart causes no burst of probes. A load can evict peers if
 * the table's {@code maximumPeers} is exceeded.
 *
 * <p><b>Durability.</b> The file is replaced atomically and forced to the disk: after a crash it is
 * the old one or the new one, whole. The new file has the permissions of the one that it replaces.
 * Several processes may save to one file; the last one wins. The file ends with a count and a
 * checksum. If a file is not whole, was altered, or is of another kind or a newer version, loading
 * throws an {@link IOException} that names the file and the line, and changes nothing in the table.
 *
 * <p>Saving walks the table as {@link ConcurrentBackoffTable#forEach} does. It holds up no other
 * thread and needs no memory in proportion to the number of peers. Loading holds the peers and
 * their states until the file is checked, and hands them to the table one by one. At its peak it
 * needs some six bytes a peer in addition to the loaded table. Thread-safe.
 */
public final class Snapshots {
  private static final Duration DEFAULT_SPREAD = Duration.ofSeconds(1);

  private Snapshots() {}

  /**
   * {@link #save(ConcurrentBackoffTable, Function, Path, InstantSource)} with the system's wall
   * clock.
   */
  public static <P> void save(
      ConcurrentBackoffTable<P> table, Function<? super P, String> name, Path file)
      throws IOException {
    save(table, name, file, InstantSource.system());
  }

  /**
   * Saves every tracked peer to a file, which is created or replaced.
   *
   * @param name returns the name of a peer, from which {@link #load} makes the peer again: up to
   *     65,535 characters of any kind
   * @throws IOException if the file cannot be written; then it is as it was
   * @throws IllegalArgumentException if a name is too long; then, too, the file is as it was
   */
  public static <P> void save(
      ConcurrentBackoffTable<P> table,
      Function<? super P, String> name,
      Path file,
      InstantSource wallClock)
      throws IOException {
    requireNonNull(table, "table");
    AtomicFile.replace(file, out -> write(table, name, out, wallClock));
  }

  /**
   * {@link #load(ConcurrentBackoffTable, Function, Path, InstantSource, Duration)} with the
   * system's wall clock, spread over 1 s.
   */
  public static <P> int load(
      ConcurrentBackoffTable<P> table, Function<String, ? extends P> peer, Path file)
      throws IOException {
    return load(table, peer, file, InstantSource.system(), DEFAULT_SPREAD);
  }

  /**
   * Loads the peers of a file into a table. The whole file is read and checked before the first
   * peer is restored.
   *
   * @param peer returns the peer with that name; it must not return null
   * @param spread peers that are due are spread over this time from now on; zero for none
   * @return how many peers were restored
   * @throws java.nio.file.NoSuchFileException if there is no file
   * @throws IOException if the file cannot be read or is not a whole snapshot, or if {@code peer}
   *     throws or returns null for a name
   * @throws IllegalArgumentException if {@code spread} is negative
   */
  public static <P> int load(
      ConcurrentBackoffTable<P> table,
      Function<String, ? extends P> peer,
      Path file,
      InstantSource wallClock,
      Duration spread)
      throws IOException {
    Restoration<P> restoration = new Restoration<>(table, wallClock, spread);
    try (InputStream in = Files.newInputStream(file)) {
      return read(peer, in, file.toString(), restoration);
    }
  }

  /**
   * {@link #save(ConcurrentBackoffTable, Function, Path, InstantSource)} to a stream, which is left
   * open.
   */
  public static <P> void write(
      ConcurrentBackoffTable<P> table,
      Function<? super P, String> name,
      OutputStream out,
      InstantSource wallClock)
      throws IOException {
    SnapshotWriter writer = new SnapshotWriter(out, wallClock.instant());
    long nowNanos = table.nanoTime();
    try {
      table.forEach((peer, state) ->
          writer.add(name.apply(peer), PortableState.of(table, peer, state, nowNanos)));
    } catch (UncheckedIOException e) { // the walk takes no checked exception
      throw e.getCause();
    }
    writer.finish();
  }

  /**
   * {@link #load(ConcurrentBackoffTable, Function, Path, InstantSource, Duration)} from a stream,
   * which is read to its end and left open.
   */
  public static <P> int read(
      ConcurrentBackoffTable<P> table,
      Function<String, ? extends P> peer,
      InputStream in,
      InstantSource wallClock,
      Duration spread)
      throws IOException {
    return read(peer, in, "snapshot", new Restoration<>(table, wallClock, spread));
  }

  private static <P> int read(
      Function<String, ? extends P> peer, InputStream in, String source, Restoration<P> restoration)
      throws IOException {
    SnapshotReader<P> reader = new SnapshotReader<>(in, source, peer);
    restoration.begin(reader.capturedAt());
    reader.read(restoration::add);
    return restoration.restore();
  }
}
