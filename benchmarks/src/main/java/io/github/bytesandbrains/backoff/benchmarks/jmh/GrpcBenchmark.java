package io.github.bytesandbrains.backoff.benchmarks.jmh;

import io.github.bytesandbrains.backoff.ConcurrentBackoffTable;
import io.github.bytesandbrains.backoff.grpc.BackoffClientInterceptor;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * What a unary call to a healthy peer takes with the gRPC interceptor and without. Client and
 * server share one thread.
 */
@OperationsPerInvocation(1)
public class GrpcBenchmark extends JmhBenchmark {
  private static final String NAME = "benchmark";

  private static final MethodDescriptor<Integer, Integer> METHOD =
      MethodDescriptor.<Integer, Integer>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(NAME + "/Echo")
          .setRequestMarshaller(new OneByte())
          .setResponseMarshaller(new OneByte())
          .build();

  private static final class OneByte implements MethodDescriptor.Marshaller<Integer> {
    @Override
    public InputStream stream(Integer value) {
      return new ByteArrayInputStream(new byte[] {value.byteValue()});
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        return stream.read();
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  @Param({"false", "true"})
  public boolean interceptor;

  private Server server;
  private ManagedChannel connection;
  private Channel channel;

  @Setup
  public void setUp() throws IOException {
    server = InProcessServerBuilder.forName(NAME)
        .directExecutor()
        .addService(ServerServiceDefinition.builder(NAME)
            .addMethod(METHOD, ServerCalls.asyncUnaryCall((request, response) -> {
              response.onNext(request);
              response.onCompleted();
            }))
            .build())
        .build()
        .start();
    connection = InProcessChannelBuilder.forName(NAME).directExecutor().build();
    channel = interceptor
        ? ClientInterceptors.intercept(
            connection, BackoffClientInterceptor.of(ConcurrentBackoffTable.create()))
        : connection;
  }

  @TearDown
  public void tearDown() {
    connection.shutdownNow();
    server.shutdownNow();
  }

  @Benchmark
  public Object call() {
    return ClientCalls.blockingUnaryCall(channel, METHOD, CallOptions.DEFAULT, 7);
  }
}
