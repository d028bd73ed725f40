"""Measures the accuracy and speed of mtcnn-rt beside other packages with the same networks."""
