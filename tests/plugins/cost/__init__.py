"""Tests of cost accounting."""
