package io.github.bytesandbrains.backoff.snapshot;

import static java.util.Objects.requireNonNull;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/**
 * Replaces a file as a whole: a temporary file in the same folder is written, forced to the disk,
 * and moved over it. A lock on the temporary file shows that its process is alive, so that a later
 * save can delete what a killed process left.
 */
final class AtomicFile {
  private static final Pattern TEMPORARY = Pattern.compile("[0-9a-f-]{36}\\.tmp");

  /** Those of this process: to close a file that is locked elsewhere in the process unlocks it. */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private AtomicFile() {}

  @FunctionalInterface
  interface Contents {
    void writeTo(OutputStream out) throws IOException;
  }

  static void replace(Path file, Contents contents) throws IOException {
    Path target = target(file);
    Path folder = requireNonNull(target.getParent(), "a folder");
    deleteAbandoned(folder, target.getFileName() + ".");
    Path temporary = folder.resolve(target.getFileName() + "." + UUID.randomUUID() + ".tmp");
    OWN.add(temporary);
    try {
      write(temporary, contents, target);
    } catch (Throwable e) {
      Files.deleteIfExists(temporary);
      throw e;
    } finally {
      OWN.remove(temporary);
    }
    forceFolder(folder);
  }

  /**
   * A link stays a link: the file that it leads to is replaced. One file has one path, as in OWN.
   */
  private static Path target(Path file) throws IOException {
    try {
      return file.toRealPath();
    } catch (NoSuchFileException e) {
      Path absolute = file.toAbsolutePath();
      Path folder = requireNonNull(absolute.getParent(), "a folder");
      return Files.isSymbolicLink(absolute)
          ? target(folder.resolve(Files.readSymbolicLink(absolute)))
          : folder.toRealPath().resolve(absolute.getFileName());
    }
  }

  private static void write(Path temporary, Contents contents, Path target) throws IOException {
    try (FileChannel channel =
        FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      var unused = channel.lock(); // until the channel is closed
      channel.write(ByteBuffer.allocate(1), 0); // an empty file is one that is not yet locked
      OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16);
      keepPermissions(target, temporary);
      contents.writeTo(out);
      out.flush();
      channel.force(true);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /** A file that was hidden from other users stays so. */
  private static void keepPermissions(Path target, Path temporary) throws IOException {
    if (Files.exists(target)
        && Files.getFileStore(target).supportsFileAttributeView(PosixFileAttributeView.class)) {
      Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(target));
    }
  }

  /** Without it, a crash of the machine could undo the move. */
  private static void forceFolder(Path folder) throws IOException {
    if (System.getProperty("os.name", "").startsWith("Windows")) {
      return; // where a folder cannot be opened
    }
    try (FileChannel channel = FileChannel.open(folder)) {
      channel.force(true);
    }
  }

  private static void deleteAbandoned(Path folder, String prefix) throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, path -> {
      String name = String.valueOf(path.getFileName());
      return name.startsWith(prefix)
          && TEMPORARY.matcher(name.substring(prefix.length())).matches()
          && !OWN.contains(path);
    })) {
      for (Path temporary : files) {
        deleteIfAbandoned(temporary);
      }
    }
  }

  private static void deleteIfAbandoned(Path temporary) {
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      if (channel.size() > 0 && channel.tryLock() != null) {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      // Moved or deleted meanwhile, or of another user: no reason not to save.
    }
  }
}
