package io.github.bytesandbrains.backoff.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow.Subscription;

/** A body as a string, which says when its first bytes came, and when it broke. */
record SignallingBody(CountDownLatch begun, CountDownLatch broken, BodySubscriber<String> body)
    implements BodySubscriber<String> {
  SignallingBody(CountDownLatch begun, CountDownLatch broken) {
    this(begun, broken, BodySubscribers.ofString(UTF_8));
  }

  @Override
  public CompletionStage<String> getBody() {
    return body.getBody();
  }

  @Override
  public void onSubscribe(Subscription subscription) {
    body.onSubscribe(subscription);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    body.onNext(buffers);
    begun.countDown();
  }

  @Override
  public void onError(Throwable thrown) {
    body.onError(thrown);
    broken.countDown();
  }

  @Override
  public void onComplete() {
    body.onComplete();
  }
}
