"""Accuracy and speed of mtcnn-rt beside other Python packages with the same networks."""
