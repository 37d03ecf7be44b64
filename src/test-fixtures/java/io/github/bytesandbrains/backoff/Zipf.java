package io.github.bytesandbrains.backoff;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws numbers from 0 up, the k-th with a probability proportional to 1/k: few are hot. */
public final class Zipf {
  private final double[] cumulative;

  public Zipf(int size) {
    cumulative = new double[size];
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += 1.0 / (i + 1);
      cumulative[i] = sum;
    }
  }

  public int draw(SplittableRandom random) {
    int last = cumulative.length - 1;
    int found = Arrays.binarySearch(cumulative, random.nextDouble() * cumulative[last]);
    return Math.min(last, found < 0 ? -found - 1 : found + 1);
  }
}
