package io.github.bytesandbrains.backoff.http;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;

/**
 * A request body that says when it fails, or has another length than it promised: the client would
 * throw the same as for its peer.
 */
record WatchedRequestBody(BodyPublisher body, Runnable onFailure) implements BodyPublisher {
  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    watch(() -> body.subscribe(new WatchedSubscriber(subscriber)));
  }

  private void watch(Runnable publisher) {
    try {
      publisher.run();
    } catch (Throwable thrown) {
      onFailure.run();
      throw thrown;
    }
  }

  private final class WatchedSubscriber implements Subscriber<ByteBuffer> {
    private final Subscriber<? super ByteBuffer> subscriber;
    private final long promised = contentLength();
    private long sent;

    WatchedSubscriber(Subscriber<? super ByteBuffer> subscriber) {
      this.subscriber = subscriber;
    }

    @Override
    public void onSubscribe(Subscription subscription) {
      subscriber.onSubscribe(new Subscription() {
        @Override
        public void request(long n) {
          watch(() -> subscription.request(n));
        }

        @Override
        public void cancel() {
          subscription.cancel();
        }
      });
    }

    @Override
    public void onNext(ByteBuffer buffer) {
      sent += buffer.remaining();
      if (promised >= 0 && sent > promised) {
        onFailure.run();
      }
      subscriber.onNext(buffer);
    }

    @Override
    public void onError(Throwable thrown) {
      onFailure.run();
      subscriber.onError(thrown);
    }

    @Override
    public void onComplete() {
      if (sent < promised) {
        onFailure.run();
      }
      subscriber.onComplete();
    }
  }
}
