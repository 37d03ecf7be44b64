package io.github.bytesandbrains.backoff.spring;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import org.springframework.boot.context.event.ApplicationStartingEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.NativeDetector;

/**
 * Loads the classes of a table beside the start of the application, which needs them only when the
 * first table is made. Spring Boot does so with classes of its own.
 */
final class TablePreloader implements ApplicationListener<ApplicationStartingEvent> {
  private static final System.Logger LOGGER = System.getLogger(TablePreloader.class.getName());

  @Override
  public void onApplicationEvent(ApplicationStartingEvent event) {
    if (Runtime.getRuntime().availableProcessors() > 1 && !NativeDetector.inNativeImage()) {
      Thread thread = new Thread(TablePreloader::load, "backoff-preload");
      thread.setDaemon(true);
      thread.start();
    }
  }

  private static void load() {
    try {
      ConcurrentBackoffTable<String> unused = ConcurrentBackoffTable.create();
    } catch (Throwable e) { // happens again where it matters
      LOGGER.log(System.Logger.Level.DEBUG, "Classes were not loaded early", e);
    }
  }
}
