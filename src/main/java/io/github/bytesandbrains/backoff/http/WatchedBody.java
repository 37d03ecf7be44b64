package io.github.bytesandbrains.backoff.http;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow.Subscription;

/** A response body that tells its exchange why it ended early, and by whom. */
record WatchedBody<T>(BodySubscriber<T> body, Exchange<?, T> exchange)
    implements BodySubscriber<T> {
  @Override
  public void onSubscribe(Subscription subscription) {
    body.onSubscribe(new Subscription() {
      @Override
      public void request(long n) {
        subscription.request(n);
      }

      @Override
      public void cancel() {
        exchange.abandon();
        subscription.cancel();
      }
    });
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    body.onNext(buffers);
  }

  @Override
  public void onError(Throwable thrown) {
    exchange.bodyBroke(thrown); // not what a method of the body threw: that is no IOException
    body.onError(thrown);
  }

  @Override
  public void onComplete() {
    body.onComplete();
  }

  @Override
  public CompletionStage<T> getBody() {
    return body.getBody();
  }
}
