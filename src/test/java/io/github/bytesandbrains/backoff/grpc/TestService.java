package io.github.bytesandbrains.backoff.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/** A service of strings with a method of each type. All of them do what a test says. */
public final class TestService {
  static final List<MethodType> TYPES = List.of(
      MethodType.UNARY,
      MethodType.CLIENT_STREAMING,
      MethodType.SERVER_STREAMING,
      MethodType.BIDI_STREAMING);

  private static final Map<MethodType, MethodDescriptor<String, String>> METHODS =
      TYPES.stream().collect(Collectors.toMap(Function.identity(), TestService::describe));

  /** The calls that reached the service. */
  public final AtomicInteger calls = new AtomicInteger();

  /** The calls that {@link #hold} left open. */
  final BlockingQueue<ServerCall<String, String>> held = new LinkedBlockingQueue<>();

  public volatile ServerCallHandler<String, String> handler = answering(Status.OK, "hello");

  public static MethodDescriptor<String, String> method(MethodType type) {
    return requireNonNull(METHODS.get(type));
  }

  private static MethodDescriptor<String, String> describe(MethodType type) {
    return MethodDescriptor.<String, String>newBuilder()
        .setType(type)
        .setFullMethodName("test.Service/" + type)
        .setRequestMarshaller(new StringMarshaller())
        .setResponseMarshaller(new StringMarshaller())
        .build();
  }

  public ServerServiceDefinition definition() {
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder("test.Service");
    METHODS.values().forEach(method -> service.addMethod(method, this::startCall));
    return service.build();
  }

  private ServerCall.Listener<String> startCall(ServerCall<String, String> call, Metadata headers) {
    calls.incrementAndGet();
    return handler.startCall(call, headers);
  }

  /** Makes a call that sends one message. */
  static ClientCall<String, String> call(
      Channel channel, MethodType type, CallOptions callOptions, Heard listener) {
    ClientCall<String, String> call = channel.newCall(method(type), callOptions);
    call.start(listener, new Metadata());
    call.request(2);
    call.sendMessage("hello");
    call.halfClose();
    return call;
  }

  /** Answers with the messages and then the status; without messages, with the status alone. */
  static ServerCallHandler<String, String> answering(Status status, String... messages) {
    return answering(status, new Metadata(), messages);
  }

  public static ServerCallHandler<String, String> answering(
      Status status, Metadata trailers, String... messages) {
    return (call, headers) -> {
      call.request(1);
      if (messages.length > 0) {
        call.sendHeaders(new Metadata());
      }
      for (String message : messages) {
        call.sendMessage(message);
      }
      call.close(status, trailers);
      return new ServerCall.Listener<>() {};
    };
  }

  public static Metadata pushback(String millis) {
    return trailers(
        Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER), millis);
  }

  static Metadata details(byte[] status) {
    return trailers(
        Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER), status);
  }

  private static <T> Metadata trailers(Metadata.Key<T> key, T value) {
    Metadata trailers = new Metadata();
    trailers.put(key, value);
    return trailers;
  }

  /** Answers with headers, and leaves the rest to the test. */
  ServerCall.Listener<String> hold(ServerCall<String, String> call, Metadata headers) {
    call.request(1);
    call.sendHeaders(new Metadata());
    held.add(call);
    return new ServerCall.Listener<>() {};
  }

  private static final class StringMarshaller implements Marshaller<String> {
    @Override
    public InputStream stream(String value) {
      return new ByteArrayInputStream(value.getBytes(UTF_8));
    }

    @Override
    public String parse(InputStream stream) {
      try {
        return new String(stream.readAllBytes(), UTF_8);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
