package io.github.bytesandbrains.backoff.http;

import static java.util.Objects.requireNonNull;

import io.github.bytesandbrains.backoff.Outcome;
import io.github.bytesandbrains.backoff.Permit;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpResponse.ResponseInfo;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One request with its permit, from its start to the end of its body. It is the body handler that
 * the delegate gets, so it learns of the headers first; there they count, not where the response is
 * complete.
 */
final class Exchange<P, T> implements BodyHandler<T> {
  /** What the headers said. The time is that of their arrival, if the outcome needs one. */
  private record Answer(Outcome outcome, long nanos, HttpHeaders headers, Instant received) {
    boolean isSuccess() {
      return outcome.equals(Outcome.success());
    }
  }

  private record Head(int statusCode, HttpHeaders headers, HttpClient.Version version)
      implements ResponseInfo {}

  /** Bodies of the JDK that are handed out at their end: if one breaks, the request fails. */
  private static final Set<Class<?>> WHOLE_BODIES = Set.of(
      BodySubscribers.ofByteArray().getClass(), BodySubscribers.discarding().getClass());

  private final PermitHttpClient<P> client;
  private final P peer;
  private final Permit permit;
  private final BodyHandler<T> handler;

  private volatile @Nullable Answer answer;

  /** Who sent the answer; the peer of the request until it is known. */
  private volatile P origin;

  /** Whether the answer was reported in full: it is, once its origin is known. */
  private volatile boolean reported;

  /** Whether the request fails if its response's body breaks. */
  private volatile boolean wholeBody;

  /** Whether the client has returned or thrown, or the future is complete. */
  private volatile boolean ended;

  /** Whether what fails from now on is the caller's own doing. */
  private volatile boolean abandoned;

  /** Why the body broke, until that is reported. */
  private final AtomicReference<@Nullable IOException> broken = new AtomicReference<>();

  Exchange(PermitHttpClient<P> client, P peer, Permit permit, BodyHandler<T> handler) {
    this.client = client;
    this.peer = peer;
    this.permit = permit;
    this.handler = handler;
    this.origin = peer;
  }

  /** The request, with a timeout and with a body that says if it fails by itself. */
  HttpRequest watched(HttpRequest request) {
    BodyPublisher body = request
        .bodyPublisher()
        .filter(publisher -> publisher.contentLength() != 0)
        .orElse(null);
    Duration timeout = request.timeout().isPresent() ? null : client.requestTimeout;
    // A request of another library's class may mean more to the delegate than a copy would.
    boolean plain = request.getClass().getModule() == HttpRequest.class.getModule();
    if (!plain || (body == null && timeout == null)) {
      return request;
    }
    HttpRequest.Builder copy = HttpRequest.newBuilder(request, (name, value) -> true);
    if (body != null) {
      copy.method(request.method(), new WatchedRequestBody(body, this::abandon));
    }
    if (timeout != null) {
      copy.timeout(timeout);
    }
    return copy.build();
  }

  void abandon() {
    abandoned = true;
  }

  // The headers

  @Override
  public BodySubscriber<T> apply(ResponseInfo response) {
    heard(response);
    BodySubscriber<T> body = requireNonNull(handler.apply(response), "the body subscriber");
    // The JDK trusts its own bodies; it asks others in one more task of its executor.
    wholeBody = client.isOfTheJdk && WHOLE_BODIES.contains(body.getClass());
    return wholeBody ? body : new WatchedBody<>(body, this);
  }

  private void heard(ResponseInfo response) {
    Answer heard;
    try {
      heard = judge(response);
    } catch (Throwable thrown) { // by the caller's function
      abandon();
      throw thrown;
    }
    answer = heard;
    if (heard.isSuccess()) {
      permit.recordSuccess(); // also if the peer only redirected to whoever sent it
    }
    if (!client.followsRedirects || ended) {
      report(heard, peer);
    }
  }

  private Answer judge(ResponseInfo response) {
    Instant received = client.wallClock.instant();
    Outcome outcome = requireNonNull(client.outcomes.ofResponse(response, received), "the outcome");
    long nanos = outcome.equals(Outcome.success()) ? 0 : client.table.nanoTime();
    return new Answer(outcome, nanos, response.headers(), received);
  }

  private void report(Answer heard, P sender) {
    reported = true;
    origin = sender;
    if (sender.equals(peer)) {
      if (!heard.isSuccess()) {
        permit.record(heard.outcome, heard.nanos);
      }
    } else {
      permit.recordSuccess();
      client
          .table
          .tryAcquire(sender)
          .ifPresentOrElse(own -> own.record(heard.outcome, heard.nanos), () -> {
            RetryHints.delay(heard.headers, heard.received)
                .filter(delay -> heard.outcome.equals(Outcome.advisory(delay)))
                .ifPresent(this::postpone); // the peer's own word is not lost
          });
    }
    if (client.postponeExhausted && heard.isSuccess()) {
      RetryHints.exhaustedLimit(heard.headers, heard.received).ifPresent(this::postpone);
    }
  }

  private void postpone(Duration delay) {
    Duration longest = client.table.maxAdvisory();
    client.table.postpone(origin, delay.compareTo(longest) < 0 ? delay : longest);
  }

  // The end

  void responded(HttpResponse<T> response) {
    try (permit) { // released if a function of the caller throws
      if (answer == null) { // the delegate did not call its body handler
        heard(new Head(response.statusCode(), response.headers(), response.version()));
      }
      if (!reported) {
        boolean redirected = response.previousResponse().isPresent();
        report(requireNonNull(answer), redirected ? client.peer(response.request()) : peer);
      }
    } finally {
      end();
    }
  }

  @SuppressWarnings("ReferenceEquality") // the very throwable, not an equal one
  void failed(Throwable thrown) {
    Throwable cause = thrown instanceof CompletionException && thrown.getCause() != null
        ? thrown.getCause()
        : thrown;
    if (cause instanceof InterruptedException || cause instanceof CancellationException) {
      abandon();
    }
    if (wholeBody) {
      bodyBroke(cause);
    }
    Answer heard = answer;
    try (permit) {
      if (heard == null) {
        permit.record(outcome(cause));
      } else if (!reported) {
        report(heard, peer);
      }
    } catch (Throwable e) { // what the request threw matters more
      if (e != thrown) {
        thrown.addSuppressed(e);
      }
    }
    end();
  }

  private Outcome outcome(Throwable thrown) {
    return abandoned || client.isShutdown()
        ? Outcome.none()
        : requireNonNull(client.outcomes.ofThrowable(thrown), "the outcome");
  }

  private void end() {
    ended = true;
    reportBroken();
  }

  // The body

  /**
   * Reported after the end of the request: an interrupt breaks the body too, and only then is it
   * known that there was one.
   */
  void bodyBroke(Throwable thrown) {
    if (thrown instanceof IOException e) {
      broken.set(e);
      if (ended) {
        reportBroken();
      }
    }
  }

  private void reportBroken() {
    IOException thrown = broken.getAndSet(null);
    Answer heard = answer;
    if (thrown == null || abandoned || heard == null || !heard.isSuccess()) {
      return;
    }
    try {
      Outcome outcome = outcome(thrown);
      client.table.tryAcquire(origin).ifPresent(second -> second.record(outcome));
    } catch (Throwable e) {
      thrown.addSuppressed(e);
    }
  }

  // The future

  CompletableFuture<HttpResponse<T>> watch(CompletableFuture<HttpResponse<T>> sent) {
    // Not a stage derived from the delegate's: a caller that completes it first skips its action.
    CompletableFuture<HttpResponse<T>> future = new CancelableFuture<>(() -> {
      abandon(); // first: a cancelled exchange may fail with a plain IOException (JDK-8380967)
      sent.cancel(true);
    });
    var unused = sent.whenComplete((response, thrown) -> {
      if (thrown != null) {
        failed(thrown);
        future.completeExceptionally(thrown);
        return;
      }
      try {
        responded(response);
      } catch (Throwable e) {
        future.completeExceptionally(e);
        return;
      }
      future.complete(response);
    });
    var unusedToo = future.whenComplete((response, thrown) -> {
      if (thrown != null && !ended) { // from outside, as by orTimeout
        failed(thrown);
      }
    });
    return future;
  }
}
