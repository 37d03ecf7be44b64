package io.github.bytesandbrains.backoff.http;

import java.net.http.HttpRequest.BodyPublisher;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow.Subscriber;
import java.util.concurrent.Flow.Subscription;

/** A request body that says when it fails: the client would throw the same as for its peer. */
record WatchedRequestBody(BodyPublisher body, Runnable onFailure) implements BodyPublisher {
  @Override
  public long contentLength() {
    return body.contentLength();
  }

  @Override
  public void subscribe(Subscriber<? super ByteBuffer> subscriber) {
    body.subscribe(new Subscriber<ByteBuffer>() {
      @Override
      public void onSubscribe(Subscription subscription) {
        subscriber.onSubscribe(subscription);
      }

      @Override
      public void onNext(ByteBuffer buffer) {
        subscriber.onNext(buffer);
      }

      @Override
      public void onError(Throwable thrown) {
        onFailure.run();
        subscriber.onError(thrown);
      }

      @Override
      public void onComplete() {
        subscriber.onComplete();
      }
    });
  }
}
