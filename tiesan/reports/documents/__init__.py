"""Official documents as DOCX and PDF, and tables as XLSX.

Source: GB/T 9704-2012, and the page on what leaves the house, "Official form".
"""
