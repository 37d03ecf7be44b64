package io.github.bytesandbrains.backoff;

/** Places values between two points, equal ratios at equal distances. */
record LogScale(double least, double most, double from, double to) {
  double at(double value) {
    double within = Math.max(least, Math.min(most, value));
    return from + (to - from) * Math.log(within / least) / Math.log(most / least);
  }
}
