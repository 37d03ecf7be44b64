package io.github.bytesandbrains.backoff.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.CompletableFuture;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.task.AsyncTaskExecutor;

/** Applications whose tasks run on virtual threads, or expressly do not. */
final class VirtualThreads {
  /** The property, to be completed by its value. */
  static final String ENABLED = "spring.threads.virtual.enabled=";

  private VirtualThreads() {}

  /** Skips the test if it needs virtual threads and the JDK has none. */
  static void assumePresent(boolean needed) {
    assumeTrue(!needed || Runtime.version().feature() >= 21, "Virtual threads need JDK 21");
  }

  /** Runs a task on the executor of the application, and checks which kind of thread it has. */
  static void runTask(BeanFactory beans, boolean virtual, Runnable task) {
    AsyncTaskExecutor executor = beans.getBean("applicationTaskExecutor", AsyncTaskExecutor.class);
    CompletableFuture<String> thread = executor.submitCompletable(() -> {
      task.run();
      return Thread.currentThread().toString();
    });
    assertThat(thread.join().startsWith("VirtualThread[")).isEqualTo(virtual);
  }
}
