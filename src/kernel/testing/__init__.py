"""What tests of Homewright are made of; shipped, so that plugins are tested the same way.

`transports` reaches a facade in four ways, `fakes` stands in for a facade, `faults` makes a network of a call, `values`
makes up values of any facade type, `scenarios` runs crowds of callers, `sample` is a facade with every kind of value.
"""
